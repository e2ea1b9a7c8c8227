"""How well a generator does what it is told."""
