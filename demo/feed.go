package demo

import (
	"bufio"
	"bytes"
	_ "embed" // the feed is part of the binary
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/otklik/otklik/domain"
)

// Record is one line of a feed: something that happens on a platform.
type Record struct {
	ID          string    `json:"id"`
	Source      string    `json:"source"` // key of a Source; "" = chosen by turns
	Day         int       `json:"day"`    // 0 is the first day of the feed
	Time        string    `json:"time"`   // local "15:04" of the source's region
	At          time.Time `json:"at"`     // instead of Day and Time; zero = at once
	Type        string    `json:"type"`   // post (default), comment, edit, delete, repost, album
	Of          string    `json:"of"`     // id of the record this one is about
	ReplyTo     string    `json:"reply_to"`
	Author      string    `json:"author"`
	AuthorOrg   bool      `json:"author_org"`
	Text        string    `json:"text"`
	Attachments []string  `json:"attachments"`
	Geo         []float64 `json:"geo"`
	Parts       int       `json:"parts"`
	CaptionPart int       `json:"caption_part"`
	Note        string    `json:"note"`
}

// Source is a wall, channel or group the feed writes to.
type Source struct {
	Key      string          `yaml:"key"`
	Region   string          `yaml:"region"`
	Platform domain.Platform `yaml:"platform"`
	Kind     string          `yaml:"kind"` // vk_wall, telegram_preview, telegram_chat
	Address  string          `yaml:"address"`
	Title    string          `yaml:"title"`
	Home     string          `yaml:"home"`
}

// Feed is what the fakes will be told, and where.
type Feed struct {
	Sources []Source
	Records []Record
}

//go:embed feed.jsonl
var builtinFeed []byte

//go:embed sources.yaml
var builtinSources []byte

// Builtin is the feed written for the project.
func Builtin() (Feed, error) {
	var f Feed
	dec := yaml.NewDecoder(bytes.NewReader(builtinSources))
	dec.KnownFields(true)
	var doc struct {
		Sources []Source `yaml:"sources"`
	}
	if err := dec.Decode(&doc); err != nil {
		return f, fmt.Errorf("built-in sources: %w", err)
	}
	f.Sources = doc.Sources
	records, err := readJSONLines(bytes.NewReader(builtinFeed))
	if err != nil {
		return f, fmt.Errorf("built-in feed: %w", err)
	}
	f.Records = records
	return f, f.check()
}

// Read reads a feed of somebody's own: JSON lines, or CSV with a column text
// and optionally id, source and at (RFC 3339). Unknown columns are ignored.
// Errors are for the person who wrote it, in Russian, with the line.
func Read(r io.Reader) ([]Record, error) {
	br := bufio.NewReader(r)
	first, err := firstByte(br)
	if errors.Is(err, io.EOF) {
		return nil, errors.New("она пуста")
	}
	if err != nil {
		return nil, err
	}
	if first == '{' {
		return readJSONLines(br)
	}
	return readCSV(br)
}

func firstByte(br *bufio.Reader) (byte, error) {
	if b, err := br.Peek(3); err == nil && bytes.Equal(b, []byte("\xef\xbb\xbf")) {
		_, _ = br.Discard(3) // cannot fail: just peeked
	}
	for {
		b, err := br.Peek(1)
		if err != nil {
			return 0, err
		}
		if b[0] != '\n' && b[0] != '\r' && b[0] != ' ' {
			return b[0], nil
		}
		_, _ = br.Discard(1) // cannot fail: just peeked
	}
}

func readJSONLines(r io.Reader) ([]Record, error) {
	var out []Record
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 1<<16), 8<<20)
	for line := 1; sc.Scan(); line++ {
		if len(bytes.TrimSpace(sc.Bytes())) == 0 {
			continue
		}
		// An id may be a number, as in the input of classify.
		var given struct {
			Record
			ID json.RawMessage `json:"id"`
		}
		if err := json.Unmarshal(sc.Bytes(), &given); err != nil {
			return nil, fmt.Errorf("строка %d: %w", line, err)
		}
		rec := given.Record
		if rec.ID = strings.Trim(string(given.ID), `"`); rec.ID == "" || rec.ID == "null" {
			rec.ID = "line" + strconv.Itoa(line)
		}
		out = append(out, rec)
	}
	return out, sc.Err()
}

func readCSV(r io.Reader) ([]Record, error) {
	cr := csv.NewReader(r)
	cr.FieldsPerRecord = -1
	cr.LazyQuotes = true
	head, err := cr.Read()
	if err != nil {
		return nil, fmt.Errorf("заголовок CSV: %w", err)
	}
	col := map[string]int{}
	for i, name := range head {
		col[strings.ToLower(strings.TrimSpace(name))] = i
	}
	if _, ok := col["text"]; !ok {
		return nil, fmt.Errorf("в CSV нет столбца text (есть: %s)", strings.Join(head, ", "))
	}
	var out []Record
	for line := 2; ; line++ {
		row, err := cr.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("строка %d: %w", line, err)
		}
		rec, err := recordOf(row, col, line)
		if err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
}

func recordOf(row []string, col map[string]int, line int) (Record, error) {
	get := func(name string) string {
		if i, ok := col[name]; ok && i < len(row) {
			return row[i]
		}
		return ""
	}
	rec := Record{ID: get("id"), Source: get("source"), Text: get("text")}
	if rec.ID == "" {
		rec.ID = "line" + strconv.Itoa(line)
	}
	if at := get("at"); at != "" {
		t, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return rec, fmt.Errorf("строка %d: at: «%s» — не время вида 2026-11-23T09:00:00+10:00", line, at)
		}
		rec.At = t
	}
	return rec, nil
}

// check finds dangling references, so that a slip of the pen is not a silent gap.
func (f *Feed) check() error {
	keys := map[string]bool{}
	for _, s := range f.Sources {
		keys[s.Key] = true
	}
	seen := map[string]bool{}
	for _, r := range f.Records {
		switch {
		case seen[r.ID]:
			return fmt.Errorf("record %s stands twice", r.ID)
		case !keys[r.Source]:
			return fmt.Errorf("record %s: no source %q", r.ID, r.Source)
		case r.Of != "" && !seen[r.Of]:
			return fmt.Errorf("record %s is about %q, which does not stand before it", r.ID, r.Of)
		}
		seen[r.ID] = true
	}
	return nil
}
