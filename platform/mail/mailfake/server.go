// Package mailfake is a mail server for tests: it takes letters as RFC 5321 says
// and fails as servers do.
package mailfake

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
)

// Fault is how the server fails one letter.
type Fault struct {
	// At is the command that fails: MAIL, RCPT, DATA, or END after the letter.
	At string
	// Answer is what it says («451 later»); "" cuts the connection.
	Answer string
	// Kept: the letter was taken all the same (END only).
	Kept bool
}

// Letter is what arrived.
type Letter struct{ From, To, Raw string }

// Server is the fake. It is safe for concurrent use.
type Server struct {
	listener net.Listener
	wg       sync.WaitGroup

	mu      sync.Mutex
	letters []Letter
	faults  []Fault
	tries   int
	conns   map[net.Conn]bool
	closed  bool
}

// Start listens on a free port of this machine.
func Start() (*Server, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &Server{listener: l, conns: map[net.Conn]bool{}}
	s.wg.Go(s.accept)
	return s, nil
}

// URL is the server's address as a configuration has it.
func (s *Server) URL() string { return "smtp://" + s.listener.Addr().String() + "?tls=off" }

// Fail lets the next letters fail, one fault each.
func (s *Server) Fail(f ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f...)
}

// Letters are those taken so far.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter(nil), s.letters...)
}

// Tries counts letters that were begun.
func (s *Server) Tries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries
}

// Close ends the server and every connection.
func (s *Server) Close() {
	_ = s.listener.Close() // it may be closed already
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			_ = c.Close()
			return
		}
		s.conns[c] = true
		s.mu.Unlock()
		s.wg.Go(func() {
			s.serve(c)
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
			_ = c.Close()
		})
	}
}

// session is one connection.
type session struct {
	s      *Server
	conn   net.Conn
	in     *bufio.Scanner
	fault  Fault
	letter Letter
}

func (s *Server) serve(c net.Conn) {
	x := &session{s: s, conn: c, in: bufio.NewScanner(c)}
	x.say("220 mailfake ESMTP")
	for x.in.Scan() {
		if !x.command(x.in.Text()) {
			return
		}
	}
}

func (x *session) say(line string) { _, _ = fmt.Fprintf(x.conn, "%s\r\n", line) }

// command answers one line; false ends the connection.
func (x *session) command(line string) bool {
	verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
	verb, _, _ = strings.Cut(verb, ":")
	switch verb {
	case "EHLO", "HELO":
		x.say("250-mailfake")
		x.say("250 8BITMIME")
	case "MAIL":
		x.begin(line)
		return x.answer("MAIL", "250 ok")
	case "RCPT":
		x.letter.To = between(line)
		return x.answer("RCPT", "250 ok")
	case "DATA":
		return x.data()
	case "QUIT":
		x.say("221 bye")
		return false
	case "RSET", "NOOP":
		x.say("250 ok")
	default:
		x.say("502 no such command")
	}
	return true
}

func (x *session) begin(line string) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.tries++
	x.fault, x.letter = Fault{}, Letter{From: between(line)}
	if len(x.s.faults) > 0 {
		x.fault, x.s.faults = x.s.faults[0], x.s.faults[1:]
	}
}

// answer says what is right, or fails as told.
func (x *session) answer(at, right string) bool {
	if x.fault.At != at {
		x.say(right)
		return true
	}
	if x.fault.Answer == "" {
		return false
	}
	x.say(x.fault.Answer)
	return true
}

func (x *session) data() bool {
	if x.fault.At == "DATA" {
		return x.answer("DATA", "")
	}
	x.say("354 go on")
	var raw strings.Builder
	for x.in.Scan() {
		line := x.in.Text()
		if line == "." {
			break
		}
		raw.WriteString(strings.TrimPrefix(line, ".") + "\n")
	}
	x.letter.Raw = raw.String()
	if x.fault.At != "END" || x.fault.Kept {
		x.s.mu.Lock()
		x.s.letters = append(x.s.letters, x.letter)
		x.s.mu.Unlock()
	}
	return x.answer("END", "250 taken")
}

func between(line string) string {
	_, rest, _ := strings.Cut(line, "<")
	address, _, _ := strings.Cut(rest, ">")
	return address
}
