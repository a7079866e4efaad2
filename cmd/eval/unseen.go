package main

import (
	"fmt"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/router"
	"github.com/otklik/otklik/rules"
)

// evalUnseen tells what the phrases alone would give to a body unseen, of the labelled
// complaints: with the pack's threshold, and with the one that these would choose (told of
// those that had no say in it). Place and route are not asked.
func evalUnseen(c *classify.Classifier, pack *rules.Pack, records []map[string]string, figures *figures) {
	region := pack.Region.ID
	way := router.New(pack)
	var outcomes []model.Outcome
	passed, right := 0, 0
	for _, r := range records {
		labels := labelsOf(r[region+"_rows"])
		if labels == nil {
			continue
		}
		v := c.Judge(&domain.Post{Text: r["text"]})
		o := model.Outcome{Right: labels}
		if way.MayGoUnseen(&v) {
			o.Answers = []model.Answer{{Label: rowLabel(v.Row), Confidence: v.Confidence}}
			if v.Confidence >= pack.Region.Thresholds.AssignConfidence {
				passed++
				right += hit(o)
			}
		}
		outcomes = append(outcomes, o)
	}
	figures.print("unseen_share", region, ratio(passed, len(outcomes)))
	figures.print("unseen_right", region, ratio(right, passed))
	b := model.Bound(outcomes)
	fmt.Printf("unseen %s: these %d complaints would choose confidence %.3f: share %.3f, right %.3f\n", region, b.N, b.From, b.Share, b.Right)
}

func hit(o model.Outcome) int {
	if model.Score([]model.Outcome{o}).Accuracy == 1 {
		return 1
	}
	return 0
}
