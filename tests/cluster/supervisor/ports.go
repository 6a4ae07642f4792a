package main

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// freePort finds a port on loopback that nobody listens at. It looks below the range that the system hands out for
// outgoing connections, so that none of those takes it before the server does.
func freePort() (int, error) {
	for range 200 {
		port := 20000 + rand.IntN(12000)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		listener.Close()
		return port, nil
	}
	return 0, fmt.Errorf("no free port on 127.0.0.1 from 20000 to 32000")
}
