"""`python -m deploy.cli`, for where the `tenlines` script is not on the PATH."""

from deploy.cli import main

main(prog_name="tenlines")
