"""Ends what a killed run left behind, before its files are removed."""

from config import supervisor, up
from config.embedded import lifetime, postgres, valkey


def main() -> None:
    """End leftover processes and servers.

    Raises:
        SystemExit: somebody uses them.
    """
    folder = lifetime.data_dir()
    with up.only_run(folder):
        supervisor.end_leftovers(folder)
        lifetime.stop_unused(folder / "valkey", valkey.stop)
        lifetime.stop_unused(folder / "postgres", postgres.stop)


if __name__ == "__main__":
    main()
