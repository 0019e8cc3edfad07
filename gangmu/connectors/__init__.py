"""The shelf of connectors 对接: a manifest and two verbs each, ``check`` and ``pull``. They know ``gangmu.sdk``
alone and nobody knows them."""
