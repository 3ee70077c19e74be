// Each test has an environment of its own, made where the fixture is.
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
