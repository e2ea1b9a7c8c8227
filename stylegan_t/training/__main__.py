"""`python -m stylegan_t.training`: see `stylegan_t.training.command`."""

from stylegan_t.training.command import train

if __name__ == "__main__":
    train(prog_name="python -m stylegan_t.training")
