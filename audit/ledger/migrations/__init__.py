"""The ledger's schema, step by step; `audit.ledger.database` applies what is missing when a ledger is opened."""
