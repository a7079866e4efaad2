package freeport

import (
	"net"
	"strconv"
	"testing"
)

func TestPickedPortsAreFreeAndNotForConnections(t *testing.T) {
	var open []net.Listener
	t.Cleanup(func() {
		for _, l := range open {
			_ = l.Close()
		}
	})
	for range 300 {
		port, err := Pick(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n, err := strconv.Atoi(port); err != nil || n < lowest || n >= 32_768 {
			t.Fatalf("port %s is one that a connection may get", port)
		}
		l, err := net.Listen("tcp", "127.0.0.1:"+port) // held, so that the next pick must pass it by
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, l)
	}
}
