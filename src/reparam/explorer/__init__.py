"""A page in the browser that puts a hand into latent space."""
