/// Everything that is said of a command of the administrator, once: parsing, help, completion and manual page derive from it.
struct CommandSheet: Sendable {
    struct Section: Sendable {
        var title: String
        /// Paragraphs; lines that begin with a space are shown as they are.
        var text: String
    }

    /// What follows `roost`.
    var name: String
    /// What it does, as an order and without a full stop: `make a logical dump`.
    var summary: String
    /// What follows the name, a line for each form.
    var synopsis = ["[OPTION]..."]
    /// Paragraphs as those of sections.
    var description: String
    var options: [ToolOption]
    /// After the options, in this order.
    var sections: [Section] = []
}
