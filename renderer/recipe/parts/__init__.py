"""The parts that a recipe is made of: each a frozen value with a default that says nothing."""
