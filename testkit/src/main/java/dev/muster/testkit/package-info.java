/**
 * Contract tests and fakes: {@link dev.muster.testkit.FakeContext} to test an operation,
 * {@link dev.muster.testkit.FakeBackend} to test a workflow, {@link dev.muster.testkit.BackendContract} and its likes
 * to test a plugin.
 */
@NullMarked
package dev.muster.testkit;

import org.jspecify.annotations.NullMarked;
