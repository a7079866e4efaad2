package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxLine is the longest input line: a post of 1 MB escaped as JSON fits.
const maxLine = 16 << 20

// inputLine is a line of the input with its number, from 1. err says why it
// could not be read; its text is empty then.
type inputLine struct {
	number int
	text   []byte
	err    error
}

// fault says which line is at fault.
func (l inputLine) fault(err error) error { return fmt.Errorf("строка %d: %w", l.number, err) }

// eachLine hands every line that is not blank to f; its text is good until f
// returns. A byte order mark before the first line is passed over, and so is
// what a line has beyond maxLine. An error of f or of the input ends it.
func eachLine(r io.Reader, f func(inputLine) error) error {
	in := lineReader{from: bufio.NewReaderSize(r, 1<<16)}
	for line := (inputLine{number: 1}); ; line.number++ {
		text, long, err := in.next()
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return err
		}
		line.text, line.err = bytes.TrimSpace(text), nil
		if line.number == 1 {
			line.text = bytes.TrimPrefix(line.text, []byte("\xef\xbb\xbf"))
		}
		if long {
			line.text, line.err = nil, fmt.Errorf("длиннее %d МБ", maxLine>>20)
		}
		if len(line.text) > 0 || long {
			if err := f(line); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
	}
}

// lineReader reads lines without holding more than maxLine of one.
type lineReader struct {
	from *bufio.Reader
	buf  []byte
}

// next is the next line, good until the one after; io.EOF comes with the last.
// Of one that is too long only that is told.
func (l *lineReader) next() (text []byte, long bool, err error) {
	l.buf = l.buf[:0]
	for {
		part, err := l.from.ReadSlice('\n')
		if long = long || len(l.buf)+len(part) > maxLine; !long {
			l.buf = append(l.buf, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return l.buf, long, err
		}
	}
}

// printLines writes a list as JSON lines.
func printLines[T any](w io.Writer, list []T) error {
	enc := json.NewEncoder(w)
	for _, v := range list {
		if err := enc.Encode(v); err != nil {
			return fmt.Errorf("write JSON line: %w", err)
		}
	}
	return nil
}
