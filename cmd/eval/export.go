package main

import (
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// Another region's export with its places, and a small pack of that region.
const (
	exportFile = "omsk_incidents.csv"
	exportPack = "rules/testdata/packs/omsk"
)

type exportCommand struct{}

// Run prints how places compare with an export's.
func (cmd *exportCommand) Run() error { return evalExport(newFigures(os.Stdout)) }

// evalExport compares the places found in an «Инцидент Менеджмент» export with its
// columns Муниципалитет, Населенный пункт, Улица. What an export's people knew from
// elsewhere (the wall, a photo) no text tells: beside all rows those are counted whose
// text holds the beginning of the name.
func evalExport(figures *figures) error {
	records, err := dataRecords(exportFile)
	if err != nil || records == nil {
		return err
	}
	c, err := smallPack(exportPack, os.DirFS("absent"))
	if err != nil {
		return err
	}
	var municipality, settlement, street exportScore
	for _, r := range records {
		text := r["Текст инцидента"]
		p := c.Judge(&domain.Post{Text: text}).Place
		municipality.add(text, r["Муниципалитет"], p.MunicipalityName)
		settlement.add(text, r["Населенный пункт"], p.Settlement)
		street.add(text, r["Улица"], p.Street)
	}
	for _, column := range []struct {
		name string
		exportScore
	}{{"municipality", municipality}, {"settlement", settlement}, {"street", street}} {
		name, s := column.name, column.exportScore
		figures.print("export_"+name+"_right", "", ratio(s.right, s.right+s.wrong))
		figures.print("export_"+name+"_found", "", ratio(s.foundTold, s.told))
		fmt.Printf("export: %s: %d rows have it, %d texts tell it, %d found right, %d given wrong\n", name, s.all, s.told, s.right, s.wrong)
	}
	return nil
}

// exportScore counts one column.
type exportScore struct {
	all, told, right, wrong, foundTold int
}

func (s *exportScore) add(text, truth, found string) {
	if bare(truth) == "" {
		return // a row without it says nothing: a text may name it all the same
	}
	s.all++
	told := strings.Contains(foldName(text), stemOf(bare(truth)))
	right := found != "" && stemOf(bare(found)) == stemOf(bare(truth))
	switch {
	case right:
		s.right++
	case found != "":
		s.wrong++
	}
	if told {
		s.told++
		if right {
			s.foundTold++
		}
	}
}

// bare is a name without the words of its type: «улица Ленина» is «ленина», «Омск г.о.»
// is «омск».
func bare(name string) string {
	var words []string
	for _, w := range strings.FieldsFunc(foldName(name), func(r rune) bool { return strings.ContainsRune(" .,«»", r) }) {
		switch w {
		case "улица", "проезд", "переулок", "проспект", "село", "деревня", "город", "городской", "округ", "муниципальный", "район", "г", "о", "область", "другое":
		default:
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

func foldName(s string) string { return strings.ReplaceAll(strings.ToLower(s), "ё", "е") }

// stemOf is the beginning that the cases of a name share.
func stemOf(name string) string {
	runes := []rune(name)
	return string(runes[:max(min(len(runes), 3), len(runes)-3)])
}

// smallPack compiles a pack of a folder that brings its own topics.
func smallPack(dir string, shared fs.FS) (*classify.Classifier, error) {
	files, err := rules.Collect(os.DirFS(dir), dir[strings.LastIndex(dir, "/")+1:], shared)
	if err != nil {
		return nil, fmt.Errorf("read the pack %s: %w", dir, err)
	}
	pack, err := rules.Load(files)
	if err != nil {
		return nil, fmt.Errorf("the pack %s: %w", dir, err)
	}
	return classify.Compile(pack, classify.Options{})
}
