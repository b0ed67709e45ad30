"""The picture: figures of tagged feedback, and a page that shows them."""
