"""The shelf of algorithms 算法: a pure function with a card each. They know ``gangmu.sdk``
alone and nobody knows them."""
