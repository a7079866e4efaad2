// Command eval shows how well the phrases of the packs judge texts. It is for
// authors of phrases and for `make eval`; nothing of it runs in production.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"
)

type commands struct {
	All       allCommand       `cmd:"" help:"Every figure, as make eval prints them."`
	Sentences sentencesCommand `cmd:"" help:"Run the test sentences of the topics and show what failed and why."`
	Explain   explainCommand   `cmd:"" help:"Show how a text is scored."`
	Urgent    urgentCommand    `cmd:"" help:"Score the sentences with dangers and their look-alikes."`
	Fresh     freshCommand     `cmd:"" help:"Score the sentences of classify/testdata/fresh: urgency, kinds, rows."`
	Lesson    lessonCommand    `cmd:"" help:"Cross-validate the example sentences of the pack, idea by idea."`
	Fit       fitCommand       `cmd:"" help:"Fit the weights that join the signs of a text to the example sentences."`
	Same      sameCommand      `cmd:"" help:"Play generated floods, copies, paraphrases and look-alikes, and count what was joined."`
	Export    exportCommand    `cmd:"" help:"Compare places with those of another region's export, where present."`
	Place     placeCommand     `cmd:"" help:"Score the sentences with places."`
	Kind      kindCommand      `cmd:"" help:"Count news taken for a problem and complaints missed, in the data folder."`
	Models    modelsCommand    `cmd:"" help:"Learn the labelled data folder, where present, and score what was not seen."`
	Ceilings  ceilingsCommand  `cmd:"" help:"How far those who labelled the data folder agree, where present: what no model can go beyond."`
	Topics    topicsCommand    `cmd:"" help:"Learn the sentences of topics and measure the second opinion's calibration."`
	Data      dataCommand      `cmd:"" help:"Score the labelled data folder, where present, with the confusions."`
}

func main() {
	var c commands
	parser := kong.Must(&c, kong.Name("eval"), kong.UsageOnError())
	ctx, err := parser.Parse(doubleDashes(os.Args[1:]))
	parser.FatalIfErrorf(err)
	if err := ctx.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "eval:", err)
		os.Exit(1)
	}
}

// doubleDashes lets -region stand for --region.
func doubleDashes(args []string) []string {
	out := make([]string, 0, len(args))
	for _, a := range args {
		if len(a) > 2 && a[0] == '-' && a[1] != '-' {
			a = "-" + a
		}
		out = append(out, a)
	}
	return out
}

// dataRecords are the rows of a file of the data folder; none when it is absent, which
// is said.
func dataRecords(name string) ([]map[string]string, error) {
	path, ok := dataFile(name)
	if !ok {
		fmt.Printf("skipped: ../shared/data/%s is absent\n", name)
		return nil, nil
	}
	return readCSV(path)
}

// dataFile is a file of the data folder beside the repository; ok is false
// when it is absent.
func dataFile(name string) (path string, ok bool) {
	path = filepath.Join("..", "shared", "data", name)
	_, err := os.Stat(path)
	return path, err == nil
}
