[Activity("my.greeting", Title = "Greet", Summary = "Says hello.")]
public class Greet : Activity
{
    protected override Task ExecuteAsync(ActivityContext context)
    {
        context.Log("hello");
        return Task.CompletedTask;
    }
}

var p = Pipeline("churn");
p.Add("load", new LoadRows { Source = "a.csv" });
p.Add("greet", new Greet());
return p;
