"""A renderer in another process or on another computer: recipes go there, frames come back."""
