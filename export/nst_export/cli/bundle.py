"""The group of commands that make bundles for apps."""

import typer

from nst_export.cli import mobile, web

bundle = typer.Typer(
    help="Put styles together with what an app or a page needs to show them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
bundle.command("mobile", epilog=mobile.EPILOG)(mobile.mobile_command)
bundle.command("web", epilog=web.EPILOG)(web.web_command)
