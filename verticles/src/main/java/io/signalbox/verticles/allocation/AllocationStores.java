package io.signalbox.verticles.allocation;

/** Where allocation keeps what has to last, under one fence. Thread-safe, as both are. */
public record AllocationStores(TaskStore tasks, ScheduleStore schedules) {}
