class ClaimsTest {}
