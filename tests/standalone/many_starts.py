"""Begin many commands in one interpreter, each as `careloop` would, and tell how each ended.

The command of a person is one process a start; twenty of them need a minute of imports.
"""

import contextlib
import io
import json
import os
import sys

from careloop.cli import main


def begin(arguments: str, settings: dict[str, str]) -> tuple[int, str]:
    """Run one command with these settings; return its code and what it said."""
    os.environ.update(settings)
    sys.argv = ["careloop", *arguments.split()]
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            main()
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    finally:
        for name in settings:
            os.environ.pop(name)
    return 0, said.getvalue()


if __name__ == "__main__":
    print(json.dumps([begin(*start) for start in json.load(sys.stdin)]))  # noqa: T201
