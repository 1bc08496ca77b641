import RoostCommands

import Glibc

exit(Persona(argv0: CommandLine.arguments[0]).run(Array(CommandLine.arguments.dropFirst())))
