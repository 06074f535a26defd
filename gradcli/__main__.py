"""`python -m gradcli`."""

from gradcli.entry import run

if __name__ == "__main__":
    run()
