"""`python -m visualizer`: the same as the command `stylegan-t`."""

from visualizer.cli import main

if __name__ == "__main__":
    main()
