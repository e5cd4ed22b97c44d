"""The command line: which commands there are, and the options before all of them."""

from typing import Annotated

import typer

from cli import context, datasets, jobs, login, queues, runs, tokens, users
from cli.audit import audit
from cli.doctor import doctor
from cli.exits import legend
from cli.plot import plot
from cli.roles import roles
from cli.session import DEFAULT_URL, HOME_VARIABLE
from cli.shell import shell
from cli.target import TOKEN_VARIABLE, URL_VARIABLE

ENVIRONMENT = (
    f"A script sets {URL_VARIABLE} and {TOKEN_VARIABLE} instead of logging in; {HOME_VARIABLE} is another folder for "
    "the contexts."
)

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog=f"{legend()} {ENVIRONMENT}",
)
for command in (login.login, login.logout, login.whoami):
    app.command(rich_help_panel="Session")(command)
app.add_typer(context.app, name="context", rich_help_panel="Session")
for name, noun in {"jobs": jobs, "queues": queues, "runs": runs, "datasets": datasets}.items():
    app.add_typer(noun.app, name=name, rich_help_panel="Work")
app.command(rich_help_panel="Work")(plot)
app.command(rich_help_panel="Work")(shell)
app.add_typer(users.app, name="users", rich_help_panel="Administration")
app.add_typer(tokens.app, name="tokens", rich_help_panel="Administration")
app.command(rich_help_panel="Administration")(roles)
app.command(rich_help_panel="Administration")(audit)
app.command(rich_help_panel="Administration")(doctor)


def _version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"foresail {version('foresail')}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    url: Annotated[str | None, typer.Option(help=f"The server (also {URL_VARIABLE}); {DEFAULT_URL} otherwise.")] = None,
    name: Annotated[
        str | None, typer.Option("--context", help="The context to use instead of the current one.")
    ] = None,
    _version_wanted: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=lambda wanted: _version(wanted=wanted), help="Show it.")
    ] = False,
) -> None:
    """Foresail: submit forecasting jobs, queue them, run them, look at the forecasts."""
    ctx.obj = (url, name)
