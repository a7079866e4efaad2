// Package freeport finds a port for a program that must be told its port
// before it starts, by whoever has to know it first.
package freeport

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// The ports to choose from lie below those that Linux gives by itself (32768 and
// up: net.ipv4.ip_local_port_range). One of those may be given to any connection
// between the look and the start; ours only to who asks for it by number.
const (
	lowest = 12_000
	count  = 18_000
	tries  = 200
)

// Pick returns a port of the loopback interface that nobody listens on.
func Pick(ctx context.Context) (string, error) {
	var last error
	for range tries {
		port := strconv.Itoa(lowest + rand.IntN(count))
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:"+port)
		if err != nil {
			last = err
			continue
		}
		return port, l.Close()
	}
	return "", fmt.Errorf("find a free port: %w", last)
}
