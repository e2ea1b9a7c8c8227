"""The demo world: captioned little landscapes, and the model that was trained on them."""
