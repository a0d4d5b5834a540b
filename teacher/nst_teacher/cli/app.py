"""nst-teacher: make pairs of photos and stylised photos by Gatys optimisation.

The commands load torch when they run, not before: help and lists are there at once.
"""

from nst_runtime.cli.program import new_program
from nst_teacher.cli import (
    compare_command,
    generate_command,
    presets_command,
    reconstruct_command,
    stylize_command,
    sweep_command,
)

app = new_program(
    "nst-teacher",
    says="Stylize photos slowly and well, to teach the student.",
    example="nst-teacher stylize photo.jpg painting.jpg out.png",
)
app.command("stylize", epilog=stylize_command.EPILOG)(stylize_command.stylize_command)
app.command("generate", epilog=generate_command.EPILOG)(generate_command.generate_command)
app.command("presets", epilog=presets_command.EPILOG)(presets_command.presets_command)
app.command("reconstruct", epilog=reconstruct_command.EPILOG)(reconstruct_command.reconstruct_command)
app.command("compare", epilog=compare_command.EPILOG)(compare_command.compare_command)
app.command("sweep", epilog=sweep_command.EPILOG)(sweep_command.sweep_command)
