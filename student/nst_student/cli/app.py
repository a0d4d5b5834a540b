"""The command ``nst-student``."""

from nst_runtime.cli.program import new_program
from nst_student.cli import (
    compare_command,
    evaluate_command,
    recipes_command,
    train_bank,
    train_codec,
    visualize_command,
)

app = new_program(
    "nst-student",
    says="Train the codec that all styles share, and a small bank for each style.",
    example="nst-student train-bank --style mine --style-image painting.jpg --content photos",
)
app.command("train-bank", epilog=train_bank.EPILOG)(train_bank.train_bank)
app.command("train-codec", epilog=train_codec.EPILOG)(train_codec.train_codec)
app.command("recipes", epilog=recipes_command.EPILOG)(recipes_command.recipes)
app.command("evaluate", epilog=evaluate_command.EPILOG)(evaluate_command.evaluate)
app.command("compare", epilog=compare_command.EPILOG)(compare_command.compare_command)
app.command("visualize", epilog=visualize_command.EPILOG)(visualize_command.visualize_command)
