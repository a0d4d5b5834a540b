"""The program nst-features: its commands."""

from nst_features.cli import check_command, fetch_command, list_command
from nst_runtime.cli.program import new_program

app = new_program(
    "nst-features",
    says="List, download and check the weights of the networks that judge pictures.",
    example="nst-features fetch vgg19_torchvision",
)
app.command("list", epilog=list_command.EPILOG)(list_command.list_weights)
app.command(epilog=fetch_command.EPILOG)(fetch_command.fetch)
app.command(epilog=check_command.EPILOG)(check_command.check)
