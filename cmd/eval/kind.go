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

// Run counts news taken for a problem and complaints missed.
func (cmd *kindCommand) Run() error {
	c, err := loadClassifier(cmd.Region)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		file    string
		problem bool
	}{{"telegram_news.csv", false}, {"kursk_train.csv", true}} {
		wrong, n, err := wrongKinds(c, f.file, f.problem, cmd.Half)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d of %d wrong, share %.4f\n", f.file, len(wrong), n, ratio(len(wrong), n))
		if err := cmd.printUnseen(c, f.file); err != nil {
			return err
		}
		for _, text := range wrong[min(cmd.Skip, len(wrong)):min(cmd.Skip+cmd.Show, len(wrong))] {
			fmt.Printf("\n--- %s\n", shorten(text, 600))
			explain(c, text, 7, "   ")
		}
	}
	return nil
}

// printUnseen counts the texts of a file whose row is sure enough for a body, with
// and without those whose kind is in doubt; place and route are not asked.
func (cmd *kindCommand) printUnseen(c *classify.Classifier, file string) error {
	path, ok := dataFile(file)
	if !ok {
		return nil
	}
	records, err := readCSV(path)
	if err != nil {
		return err
	}
	pack, err := rules.LoadEmbedded(cmd.Region)
	if err != nil {
		return err
	}
	t, sure, doubted := pack.Region.Thresholds, 0, 0
	for _, r := range half(records, cmd.Half) {
		v := c.Judge(&domain.Post{Text: r["text"]})
		switch {
		case v.Kind != domain.Problem, v.Urgent, v.Confidence < t.AssignConfidence, v.Margin < t.AssignMargin:
		case v.Doubt != "":
			doubted++
		default:
			sure++
		}
	}
	fmt.Printf("%s: sure enough to be assigned unseen %d, held back by a doubt of the kind %d\n", file, sure, doubted)
	return nil
}

// wrongKinds lists the texts of a file whose kind is a problem when it should
// not be, or the other way round.
func wrongKinds(c *classify.Classifier, file string, problem bool, which string) ([]string, int, error) {
	path, ok := dataFile(file)
	if !ok {
		fmt.Printf("skipped: ../shared/data/%s is absent\n", file)
		return nil, 0, nil
	}
	records, err := readCSV(path)
	if err != nil {
		return nil, 0, err
	}
	records = half(records, which)
	var wrong []string
	for _, r := range records {
		v := c.Judge(&domain.Post{Text: r["text"]})
		if (v.Kind == domain.Problem) != problem {
			wrong = append(wrong, r["text"])
		}
	}
	return wrong, len(records), nil
}
