"""How well nutrition labels are read from pictures: drawn labels, spoilt in stated ways."""
