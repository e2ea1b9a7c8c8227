"""`python -m stylegan_t.training`: see `stylegan_t.training.command`."""

import sys

from stylegan_t.terminal import console
from stylegan_t.training.command import train

if __name__ == "__main__":
    sys.exit(console.run(train, "python -m stylegan_t.training"))
