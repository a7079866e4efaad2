package main

import (
	"fmt"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

type kindCommand struct {
	Region string `default:"khabarovsk" help:"Pack to score."`
	Show   int    `default:"0" help:"Print this many wrong texts of each file."`
	Skip   int    `default:"0" help:"Skip this many of them first."`
	Half   string `enum:"all,odd,even" default:"all" help:"Which texts: tune on one half, check on the other."`
}

// Run counts news taken for a problem, complaints missed, and what would go to a
// body unseen.
func (cmd *kindCommand) Run() error {
	c, err := loadClassifier(cmd.Region)
	if err != nil {
		return err
	}
	pack, err := rules.LoadEmbedded(cmd.Region)
	if err != nil {
		return err
	}
	for _, f := range kindFiles() {
		texts, err := judged(c, f.name, cmd.Half)
		if err != nil {
			return err
		}
		wrong := wrongKinds(texts, f.problem)
		fmt.Printf("%s: %d of %d wrong, share %.4f\n", f.name, len(wrong), len(texts), ratio(len(wrong), len(texts)))
		sure, doubted := unseen(texts, &pack.Region.Thresholds)
		fmt.Printf("%s: sure enough to be assigned unseen %d, held back by a doubt of the kind %d\n", f.name, sure, doubted)
		for _, text := range wrong[min(cmd.Skip, len(wrong)):min(cmd.Skip+cmd.Show, len(wrong))] {
			fmt.Printf("\n--- %s\n", shorten(text, 600))
			explain(c, text, 7, "   ")
		}
	}
	return nil
}

// kindFile is a file whose texts are all problems, or all none.
type kindFile struct {
	name    string
	problem bool
	figure  string // the share of its texts that are taken for the other
}

func kindFiles() []kindFile {
	return []kindFile{{"telegram_news.csv", false, "news_false_share"}, {"kursk_train.csv", true, "complaints_missed"}}
}

// judgedText is a text with its verdict.
type judgedText struct {
	text    string
	verdict domain.Verdict
}

// judged judges the texts of a file; none when it is absent, which is said.
func judged(c *classify.Classifier, file, which string) ([]judgedText, error) {
	records, err := dataRecords(file)
	if err != nil {
		return nil, err
	}
	var out []judgedText
	for _, r := range half(records, which) {
		out = append(out, judgedText{r["text"], c.Judge(&domain.Post{Text: r["text"]})})
	}
	return out, nil
}

// wrongKinds lists the texts whose kind is a problem when it should not be, or
// the other way round.
func wrongKinds(texts []judgedText, problem bool) []string {
	var wrong []string
	for _, t := range texts {
		if (t.verdict.Kind == domain.Problem) != problem {
			wrong = append(wrong, t.text)
		}
	}
	return wrong
}

// unseen counts the texts whose row is sure enough for a body, and those of them
// whose kind is in doubt; place and route are not asked.
func unseen(texts []judgedText, t *rules.Thresholds) (sure, doubted int) {
	for i := range texts {
		switch v := &texts[i].verdict; {
		case v.Kind != domain.Problem, v.Urgent, v.Confidence < t.AssignConfidence, v.Margin < t.AssignMargin:
		case v.Doubt != "":
			doubted++
		default:
			sure++
		}
	}
	return sure, doubted
}
