package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// Format is the version of the file's layout; featuresName that of the features.
// A model of another is refused: its weights would mean something else.
const (
	Format       = 3
	featuresName = "stems, pairs 0.5, letters 3-5 0.4, hints, finer labels, by words / 2^20 / 3"
)

// magic begins every file.
const magic = "otklik model\n"

// Why a file is refused.
var (
	ErrNotModel     = errors.New("not a model file")
	ErrOtherFormat  = errors.New("a model of another version")
	ErrBrokenModel  = errors.New("the model file is damaged")
	errHeadTooLarge = errors.New("its head is too large")
)

// Head is what a file says of its model.
type Head struct {
	Format      int         `json:"format"`
	Features    string      `json:"features"`
	Column      string      `json:"column"` // the label's name in the table
	Labels      []string    `json:"labels"`
	Counts      []int       `json:"counts"`                 // examples by label
	Meanings    []string    `json:"meanings,omitempty"`     // checksums of what the labels stand for, in their order
	Finer       []string    `json:"finer,omitempty"`        // labels of another column, which the labels consist of
	FinerColumn string      `json:"finer_column,omitempty"` // its name
	Examples    int         `json:"examples"`
	Seed        uint64      `json:"seed"`
	Cost        float64     `json:"cost"`
	Calibration Calibration `json:"calibration"`
	Hints       bool        `json:"hints"`            // learned with what a pack's phrases say
	Pack        *Pack       `json:"pack,omitempty"`   // whose hints these were; nil: of none, or not known
	Places      bool        `json:"places,omitempty"` // with the places that the pack finds
	Aside       string      `json:"aside,omitempty"`  // AsideRule where examples were kept aside by it
	// Report was measured on held-out folds of the training table.
	Report     Scores      `json:"report"`
	Confusions []Confusion `json:"confusions"` // the worst
	Rows       int         `json:"rows"`
}

// The file: magic, length of the head (4 bytes), head as JSON, ids (4 bytes a row),
// weights of the features (4 bytes a row), units and bias (4 bytes a label, finer
// ones after the others), shares of the finer labels in the labels (4 bytes each, by
// finer label), weights (a byte each, by row, then label), SHA-256 of all before it. Numbers are
// little-endian.

// Write writes a model.
func (m *Model) Write(w io.Writer) error {
	head := m.Head
	head.Rows = len(m.words.weights)
	text, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("write the head of a model: %w", err)
	}
	var b bytes.Buffer
	b.WriteString(magic)
	ids, rows := m.words.sorted()
	rarity := make([]float32, len(rows))
	for i, row := range rows {
		rarity[i] = m.words.weights[row]
	}
	for _, part := range []any{uint32(len(text)), text, ids, rarity, m.units, m.bias, slices.Concat(m.nested...), m.sparse.dense(rows, m.columns())} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			return fmt.Errorf("write a model: %w", err)
		}
	}
	sum := sha256.Sum256(b.Bytes())
	b.Write(sum[:])
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write a model: %w", err)
	}
	return nil
}

// Limits of what is read: far above any model, far below the memory of a machine.
const (
	largestHead = 16 << 20
	largestFile = 1 << 30
	mostColumns = 1 << 16
	mostWeights = 1 << 29 // four bytes each while learning, one in the file
)

// Read reads a model. A file that is no model, of another version, cut short or
// changed is refused with ErrNotModel, ErrOtherFormat or ErrBrokenModel.
func Read(r io.Reader) (*Model, error) {
	all, err := io.ReadAll(io.LimitReader(r, largestFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read a model: %w", err)
	case !bytes.HasPrefix(all, []byte(magic)):
		return nil, ErrNotModel
	case len(all) > largestFile:
		return nil, fmt.Errorf("%w: it is larger than %d bytes", ErrBrokenModel, largestFile)
	case len(all) < len(magic)+4+sha256.Size:
		return nil, fmt.Errorf("%w: it is cut short", ErrBrokenModel)
	}
	body, sum := all[:len(all)-sha256.Size], all[len(all)-sha256.Size:]
	head, rest, err := readHead(body[len(magic):])
	if err != nil {
		return nil, err
	}
	if got := sha256.Sum256(body); !bytes.Equal(got[:], sum) {
		return nil, fmt.Errorf("%w: its checksum is another", ErrBrokenModel)
	}
	m, err := readBody(head, rest)
	if err != nil {
		return nil, err
	}
	m.sum = hex.EncodeToString(sum)
	return m, nil
}

func readHead(b []byte) (Head, []byte, error) {
	var head Head
	n := int(binary.LittleEndian.Uint32(b))
	b = b[4:]
	switch {
	case n > largestHead:
		return head, nil, fmt.Errorf("%w: %w", ErrBrokenModel, errHeadTooLarge)
	case n > len(b):
		return head, nil, fmt.Errorf("%w: it is cut short", ErrBrokenModel)
	}
	if err := json.Unmarshal(b[:n], &head); err != nil {
		return head, nil, fmt.Errorf("%w: its head: %w", ErrBrokenModel, err)
	}
	if head.Format != Format || head.Features != featuresName {
		return head, nil, fmt.Errorf("%w: format %d with features %q, this program reads format %d with %q",
			ErrOtherFormat, head.Format, head.Features, Format, featuresName)
	}
	return head, b[n:], nil
}

// finite: none of the numbers is infinite or none at all.
func finite(lists ...[]float32) bool {
	for _, list := range lists {
		for _, v := range list {
			if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
				return false
			}
		}
	}
	return true
}

func readBody(head Head, b []byte) (*Model, error) {
	labels, finer := len(head.Labels), len(head.Finer)
	columns := labels + finer
	if labels < 2 || len(head.Counts) != labels || columns > mostColumns || head.Rows < 0 || head.Rows > space ||
		len(b) != 8*head.Rows+8*columns+4*finer*labels+head.Rows*columns {
		return nil, fmt.Errorf("%w: its parts have other sizes than its head says", ErrBrokenModel)
	}
	ids, shares := make([]uint32, head.Rows), make([]float32, finer*labels)
	m := &Model{Head: head, words: &vocabulary{weights: make([]float32, head.Rows)},
		units: make([]float32, columns), bias: make([]float32, columns)}
	weights := make([]int8, head.Rows*columns)
	from := bytes.NewReader(b)
	for _, part := range []any{ids, m.words.weights, m.units, m.bias, shares, weights} {
		if err := binary.Read(from, binary.LittleEndian, part); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBrokenModel, err)
		}
	}
	if !finite(m.words.weights, m.units, m.bias, shares) || slices.ContainsFunc(shares, func(s float32) bool { return s < 0 || s > 1 }) ||
		slices.ContainsFunc(head.Counts, func(n int) bool { return n < 0 }) {
		return nil, fmt.Errorf("%w: it holds what is no weight, no share or no count", ErrBrokenModel)
	}
	m.words.rows = make([]int32, space)
	for id := range m.words.rows {
		m.words.rows[id] = -1
	}
	for row, id := range ids {
		if id >= space || m.words.rows[id] >= 0 {
			return nil, fmt.Errorf("%w: feature %d stands twice or is none", ErrBrokenModel, id)
		}
		m.words.rows[id] = int32(row)
	}
	m.pack(weights, columns)
	m.nested = slices.Collect(slices.Chunk(shares, labels))
	m.chooser = newChooser(m.nested, head.Counts)
	return m, nil
}

// sorted gives the features in the order of their ids, and the row of each.
func (v *vocabulary) sorted() (ids []uint32, rows []int32) {
	for id, row := range v.rows {
		if row >= 0 {
			ids, rows = append(ids, uint32(id)), append(rows, row)
		}
	}
	return ids, rows
}

// ids gives the feature of each row.
func (v *vocabulary) ids() []uint32 {
	ids := make([]uint32, len(v.weights))
	for id, row := range v.rows {
		if row >= 0 {
			ids[row] = uint32(id)
		}
	}
	return ids
}
