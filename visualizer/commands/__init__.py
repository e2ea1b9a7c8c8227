"""The commands of `stylegan-t`, one module each."""
