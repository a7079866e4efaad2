package vk

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Time limits of the wire. A long poll adds its own wait to them.
const (
	dialTimeout   = 10 * time.Second
	answerTimeout = 40 * time.Second // to the last byte
	maxBody       = 64 << 20         // execute answers at most 5 MB; a hundred long posts stay far below
	maxRetryAfter = 3 * time.Hour
)

// NewTransport makes the transport for VK: proxy nil means the usual proxy
// variables, roots nil the system's certificate authorities.
func NewTransport(proxy *url.URL, roots *x509.CertPool) *http.Transport {
	choose := http.ProxyFromEnvironment
	if proxy != nil {
		choose = http.ProxyURL(proxy)
	}
	return &http.Transport{
		Proxy:                 choose,
		DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   dialTimeout,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          32,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// httpError is an answer that is not VK's JSON: a gateway's page, a block page,
// a proxy's refusal.
type httpError struct {
	status      int
	contentType string
	retryAfter  time.Duration
}

func (e *httpError) Error() string {
	return fmt.Sprintf("HTTP %d, content type %q", e.status, e.contentType)
}

// whole is a transport that hands on complete JSON answers only. vksdk decodes
// from the open connection, ignores the status and dies on a broken gzip header;
// behind this it sees a plain body or an error.
type whole struct {
	next    http.RoundTripper
	anyType bool // long-poll servers label their JSON as they please
}

// RoundTrip implements http.RoundTripper.
func (w whole) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // a body read to its end has nothing left to say
	body, err := readAll(resp)
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode != http.StatusOK || (media != "application/json" && !w.anyType) {
		return nil, &httpError{status: resp.StatusCode, contentType: media, retryAfter: retryAfter(resp.Header.Get("Retry-After"))}
	}
	body = scrub(body)
	resp.Header.Del("Content-Encoding")
	resp.ContentLength = int64(len(body))
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// scrub reduces an error answer to what the table needs. VK's error objects grow
// fields of changing types (captcha_sid was a string, then a number, then
// absent) and repeat our parameters, the token among them; vksdk would refuse
// the first and keep the second. Other answers pass untouched.
func scrub(body []byte) []byte {
	if !errorFirst(body) {
		return body
	}
	var answer struct {
		Error struct {
			Code     json.Number     `json:"error_code"`
			Message  json.RawMessage `json:"error_msg"`
			Redirect json.RawMessage `json:"redirect_uri"`
		} `json:"error"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Error.Code == "" {
		return body
	}
	short, err := json.Marshal(map[string]any{"error": map[string]any{
		"error_code": answer.Error.Code, "error_msg": text(answer.Error.Message), "redirect_uri": text(answer.Error.Redirect),
	}})
	if err != nil {
		return body
	}
	return short
}

// errorFirst looks at the first key of the answer only; pages of posts are long.
func errorFirst(body []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(body))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	key, err := dec.Token()
	return err == nil && key == "error"
}

// text reads a JSON string, and nothing else, as text.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

func readAll(resp *http.Response) ([]byte, error) {
	var r io.Reader = resp.Body
	if resp.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		r = z
	}
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("answer exceeds %d bytes", maxBody)
	}
	return body, nil
}

// retryAfter reads the header's seconds; dates and nonsense count as unsaid.
func retryAfter(h string) time.Duration {
	n, err := strconv.Atoi(h)
	if err != nil || n <= 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, maxRetryAfter)
}
