"""How well barcodes are read from pictures: generated scenes, spoilt in stated ways."""
