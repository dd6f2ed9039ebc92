"""ComP Hub: the services on which city Communities of Practice run."""
