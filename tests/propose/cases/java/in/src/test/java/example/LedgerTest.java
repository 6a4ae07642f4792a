package example;

class LedgerTest {}
