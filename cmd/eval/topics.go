package main

import (
	"context"
	"fmt"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
)

type topicsCommand struct {
	Region string `default:"khabarovsk" help:"Pack to learn."`
}

// Run learns the sentences of the pack's topics and prints what held-out fifths
// tell: the calibration of classify/second.go.
func (cmd *topicsCommand) Run() error {
	pack, err := loadPack(cmd.Region)
	if err != nil {
		return err
	}
	var examples []model.Example
	for i := range pack.Topics {
		for _, s := range pack.Topics[i].Match {
			if !pack.Topics[i].Praise {
				examples = append(examples, model.Example{Text: s, Labels: []string{pack.Topics[i].ID}})
			}
		}
	}
	m, err := model.Train(context.Background(), examples, classify.TopicTraining())
	if err != nil {
		return fmt.Errorf("learn the topics: %w", err)
	}
	printScores("topics of sentences", m.Head.Report)
	fmt.Printf("calibration %+v\n", m.Head.Calibration)
	return nil
}
