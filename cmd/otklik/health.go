package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

type healthCmd struct{}

const healthWithin = 4 * time.Second

// Run asks the serve of this machine whether it lives and can work: for images that have
// no shell and no curl.
func (healthCmd) Run(p *program) error {
	ctx, cancel := context.WithTimeout(p.ctx, healthWithin)
	defer cancel()
	address := nearby(p.cfg.MetricsListen)
	for _, path := range []string{"/healthz", "/readyz"} {
		if err := probe(ctx, address, path); err != nil {
			return err
		}
	}
	fmt.Fprintln(p.stdout, "готов")
	return nil
}

func probe(ctx context.Context, address, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return fmt.Errorf("OTKLIK_METRICS_LISTEN: %w", err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy on the way to ourselves
	res, err := client.Do(req)
	if err != nil {
		return worded{fmt.Sprintf("serve не отвечает на %s (OTKLIK_METRICS_LISTEN): он не запущен или слушает другой адрес", address), err}
	}
	defer func() { _ = res.Body.Close() }() // read to its end
	said, err := io.ReadAll(io.LimitReader(res.Body, 1<<12))
	if err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("serve не готов работать. Подробности: «%s»", strings.TrimSpace(string(said)))
	}
	return nil
}

// nearby is a listener's address as this machine reaches it.
func nearby(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	switch host {
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}
