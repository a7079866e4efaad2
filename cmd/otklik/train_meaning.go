package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/rules"
)

// meaning says whose rows a table's labels are, and refuses labels with which the model
// could not stand beside the phrases: that would be found out only after the learning.
func (c trainCmd) meaning(p *program, examples []model.Example) (func(label string) string, error) {
	switch {
	case c.Label == labelKind:
		return nil, strangeLabels(examples, wordsKinds, classify.IsKind)
	case !classify.JudgesBeside(c.Label):
		return nil, nil
	}
	whose := c.rowsOf()
	if whose == "" {
		return nil, fmt.Errorf("чьи это строки? Назовите пакет ключом --region или столбцом (например khabarovsk_rows)")
	}
	pack, err := p.pack(whose)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(p.stderr, "строки перечня: пакет «%s»\n", whose)
	return classify.RowMeaning(pack), strangeLabels(examples, "строки перечня «"+whose+"» — номера и «-»", func(label string) bool {
		return classify.IsRow(pack, label)
	})
}

// rowsOf is the pack whose rows the labels are: the one that the column names, else that
// of --region; "" when neither says it.
func (c trainCmd) rowsOf() string {
	if region, ok := strings.CutSuffix(c.Label, "_rows"); ok && slices.Contains(rules.EmbeddedRegions(), region) {
		return region
	}
	if c.Region == "-" {
		return ""
	}
	return cmp.Or(c.Region, "khabarovsk")
}

// strangeLabels names labels that are none.
func strangeLabels(examples []model.Example, are string, known func(label string) bool) error {
	const shown = 5
	var strange []string
	for _, e := range examples {
		for _, label := range e.Labels {
			if word := "«" + label + "»"; !known(label) && !slices.Contains(strange, word) {
				strange = append(strange, word)
			}
		}
	}
	if len(strange) == 0 {
		return nil
	}
	more := ""
	if n := len(strange) - shown; n > 0 {
		more = fmt.Sprintf(" и ещё %d", n)
	}
	return fmt.Errorf("%s, а в таблице есть %s%s: исправьте их или пропустите ключом --skip", are, strings.Join(strange[:min(shown, len(strange))], ", "), more)
}

// writable finds out before a long learning that its model could not be written.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("записать модель: %s — папка, а нужен файл", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return worded{"записать модель: в папку " + filepath.Dir(path) + " записать нельзя (её нет, или нет прав)", err}
	}
	_ = f.Close()           // nothing was written
	_ = os.Remove(f.Name()) // the same
	return nil
}
