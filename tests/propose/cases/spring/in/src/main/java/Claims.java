class Claims {}
