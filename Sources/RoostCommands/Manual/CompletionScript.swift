internal import RoostOptions

/// Completion for bash: commands, options and the words that may follow an option, from the same tables as parsing and help.
struct CompletionScript {
    private struct Command {
        var name: String
        /// As they are completed: an option that takes a value ends in `=`.
        var options: [String]
        /// By option, with its hyphens.
        var words: [(option: String, words: [String])] = []
    }

    private let engine: [Command]
    private let admin: [Command]
    private let linked: [Command]

    init() {
        let help = Help(title: "", program: "roost", dialect: .roost)
        engine = RoostOptions.Command.visible(in: .roost).map { Self.command($0, help) }
        admin = AdminCommand.all.map { Self.command($0.sheet.name, $0.sheet.options) }
        linked = LinkedTool.all.map { Self.command($0.name, $0.options) }
    }

    private static func command(_ command: RoostOptions.Command, _ help: Help) -> Command {
        let entries = help.entries(of: command).filter(\.isForCommandLine)
        let options = entries.flatMap { entry in
            entry.isBoolean ? ["--\(entry.name)", "--no-\(entry.name)"] : ["--\(entry.name)="]
        }
        return Command(
            name: command.name, options: options,
            words: entries.compactMap { entry in entry.words.map { ("--\(entry.name)", $0) } })
    }

    private static func command(_ name: String, _ options: [ToolOption]) -> Command {
        let words = options.contains { $0.name == "output" } ? [("--output", ["text", "json"])] : []
        return Command(
            name: name,
            options: options.flatMap { option in option.names.map { option.value == nil ? "--\($0)" : "--\($0)=" } },
            words: words)
    }

    var text: String {
        let commands = engine + admin + linked
        let names = commands.map(\.name)
        let compatible = RoostOptions.Command.visible(in: .pgbackrest).map(\.name)
        var text = """
            # bash completion for Roost, made from its tables of options by `roost install`
            _roost() {
                local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= index options=
                COMPREPLY=()
                # '--option=value' comes as three words.
                if [[ $word == = ]]; then
                    word=
                elif [[ $previous == = ]]; then
                    previous=${COMP_WORDS[COMP_CWORD - 2]}
                fi
                case ${COMP_WORDS[0]##*/} in
                    pg-*) command=${COMP_WORDS[0]##*/} ;;
                    *)
                        for ((index = 1; index < COMP_CWORD; index++)); do
                            case ${COMP_WORDS[index]} in
                                \(names.joined(separator: "|")))
                                    command=${COMP_WORDS[index]}
                                    break
                                    ;;
                            esac
                        done
                        ;;
                esac
                case $command:$previous in

            """
        for command in commands {
            for (option, words) in command.words {
                text += "        \(command.name):\(option)) options='\(words.joined(separator: " "))' ;;\n"
            }
        }
        text += """
                esac
                if [[ $options ]]; then
                    COMPREPLY=($(compgen -W "$options" -- "$word"))
                    return
                fi
                case $command in
                    '')
                        options='\(names.joined(separator: " "))'
                        [[ ${COMP_WORDS[0]##*/} != pgbackrest* && ${COMP_WORDS[0]##*/} != pb ]] || options='\(compatible.joined(separator: " "))'
                        ;;

            """
        for command in commands {
            text += "        \(command.name)) options='\(command.options.joined(separator: " "))' ;;\n"
        }
        text += """
                esac
                [[ ! $command || $word == -* ]] || return
                COMPREPLY=($(compgen -W "$options" -- "$word"))
                [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2> /dev/null
            }
            complete -o default -F _roost \((["roost", "pgbackrest"] + linked.map(\.name)).joined(separator: " "))

            """
        return text
    }
}
