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
	m, err := model.Train(context.Background(), classify.TopicExamples(pack), classify.TopicTraining())
	if err != nil {
		return fmt.Errorf("learn the topics: %w", err)
	}
	printScores("topics of sentences", m.Head.Report)
	fmt.Printf("calibration %+v\n", m.Head.Calibration)
	return nil
}
