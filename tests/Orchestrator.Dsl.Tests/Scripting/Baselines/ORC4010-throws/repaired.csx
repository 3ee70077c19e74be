var p = Pipeline("churn");
string[] files = ["a.csv", "b.csv"];
string FileOf(int month) => files[month];
for (var month = 0; month < files.Length; month++)
{
    p.Add($"load{month}", new LoadRows { Source = FileOf(month) });
}

return p;
