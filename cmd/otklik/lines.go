package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxLine is the longest input line: a post of 1 MB escaped as JSON fits.
const maxLine = 16 << 20

// inputLine is a line of the input with its number, from 1.
type inputLine struct {
	number int
	text   []byte
}

// fault says which line is at fault.
func (l inputLine) fault(err error) error { return fmt.Errorf("строка %d: %w", l.number, err) }

// eachLine hands every line that is not blank to f; its text is good until f
// returns. A byte order mark before the first line is passed over.
func eachLine(r io.Reader, f func(inputLine) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 1<<16), maxLine)
	line := inputLine{number: 1}
	for ; sc.Scan(); line.number++ {
		line.text = bytes.TrimSpace(sc.Bytes())
		if line.number == 1 {
			line.text = bytes.TrimPrefix(line.text, []byte("\xef\xbb\xbf"))
		}
		if len(line.text) == 0 {
			continue
		}
		if err := f(line); err != nil {
			return err
		}
	}
	err := sc.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = line.fault(fmt.Errorf("длиннее %d МБ", maxLine>>20))
	}
	return err
}
