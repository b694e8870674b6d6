"""The zoo's pictures, a file for each kind."""
