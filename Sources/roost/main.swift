import Glibc
import RoostCommands

exit(Persona(argv0: CommandLine.arguments[0]).run(Array(CommandLine.arguments.dropFirst())))
